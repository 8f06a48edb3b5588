"""Personal data that a validator can confirm: mail, addresses, phones, cards, accounts, identities."""
