"""Which homes owe a fee: rules, and lists of parking spaces and of homes with days of their own."""
