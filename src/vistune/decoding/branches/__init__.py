"""Methods that run a prompt in several variants and join their logits."""
