"""Who there is: company, projects, departments, staff and their positions, customers and homes."""
