"""Toiawase: an e-mail gateway that turns customers' mail into a shop's inquiry desk."""

__version__ = "0.1.0"
