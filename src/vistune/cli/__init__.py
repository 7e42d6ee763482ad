"""Thin commands: they parse, call one function of a room, and print. No logic lives here."""
