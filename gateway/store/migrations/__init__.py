"""The schema's history, one revision a file in `versions/`. `make migration M="what changed"` begins the next one."""
