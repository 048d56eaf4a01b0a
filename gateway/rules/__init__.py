"""Rules: what a message says, what follows from it, and why. Pure, but for the loading of files."""
