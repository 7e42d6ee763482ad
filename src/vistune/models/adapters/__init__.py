"""Adapters: small trainable modules placed at named sites of a frozen network.

``base`` has ``Adapter``, the registry ``ADAPTERS`` and ``build_adapter``; ``context`` what a model tells its adapters.
"""
