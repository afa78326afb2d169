"""The operations of the API, a module a kind; each declares its rule and its scope (`door`)."""
