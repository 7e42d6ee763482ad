"""Adapters: small trainable modules placed at named sites of a frozen network."""
