"""The heart: complaints, their step table, numbers, categories and standard record."""
