"""The telephone's side of the API: events of a line in, the wish to dial a number out."""
