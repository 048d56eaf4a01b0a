"""SMTP in: addresses are admitted, mail is stored whole, and 250 is answered after the commit. Content is not read."""
