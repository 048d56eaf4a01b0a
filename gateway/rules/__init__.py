"""The admin's rules: from YAML files to a decision about one mail. No database, clock or network."""
