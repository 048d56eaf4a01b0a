"""What happens to an inquiry. `decide` is pure and returns effects, `apply` turns them into rows. No SMTP, no MIME."""
