"""The site: `docs/` as pages, with a page for each unit made from what the kit knows of it.

`command` builds it; `extension` is what Sphinx loads; `unit_page` and `field_guide` write what a
unit's page has below its derivation, `pictures` draws, `mathml` sets formulas.
"""
