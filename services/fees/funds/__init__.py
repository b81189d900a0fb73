"""The money of the owners: public revenue and the maintenance fund, shown to residents each quarter."""
