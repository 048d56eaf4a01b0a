"""The command line, one file for each group of commands: it asks and shows, the rooms do the work."""
