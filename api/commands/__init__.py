"""The commands of ``kg``, one module for those that belong together."""
