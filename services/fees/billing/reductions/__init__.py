"""Discounts, vacancies and exemptions of homes: asked for by one person, agreed to by another."""
