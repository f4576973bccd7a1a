"""A plug-in for the LiteLLM proxy: name `tollgate.litellm.plugin` under `callbacks` in its config.yaml.

docs/litellm.md says what it does and how it is set up.
"""

from .plugin import TollgatePlugin

plugin = TollgatePlugin()

__all__ = ["TollgatePlugin", "plugin"]
