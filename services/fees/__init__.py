"""Fees. The key is here, where every module of the service can import it."""

KEY = "fees"
# Names of the acts by two in the declaration of fees.
TARIFF, TIERS, RUN_VOID = "fees.tariff", "fees.tiers", "fees.run_void"
