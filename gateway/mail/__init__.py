"""Bytes and meaning: MIME, charsets, reply text, addresses, composing. Pure: no database, clock or network."""
