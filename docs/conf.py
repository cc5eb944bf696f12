"""How Sphinx makes the site: `cnn-conformance docs --out DIR`, or `sphinx-build docs DIR`."""

import cnn_conformance

project = "cnn-conformance"
release = version = cnn_conformance.__version__
language = "en"
default_role = "literal"  # in docstrings, a word in single backticks is code
smartquotes = False  # which makes one dash of the two of an option
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "cnn_conformance.site.extension",
]
exclude_patterns = ["_static", "_templates", "data", "from"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_typehints = "none"
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "navigation_with_keys": False,
    "header_links_before_dropdown": 4,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
}
html_title = "cnn-conformance"
html_show_sphinx = False
