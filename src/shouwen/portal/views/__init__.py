"""The views of the portal, thin."""
