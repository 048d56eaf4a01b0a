"""One day of a shop's mail, played through a real gateway: `python -m gateway.demo FOLDER` (`make demo`)."""
