"""Which model LiteLLM asks, and which one answered, by the names that its price list has."""

from collections.abc import Mapping
from typing import Any

from .reading import hidden_of


def model_of_group(group: str) -> str:
    """The model of a group's first deployment; the group's own name where the router has none of that name."""
    router = _router()
    for deployment in (router.get_model_list(model_name=group) or ()) if router is not None else ():
        return _name_of(deployment.get("litellm_params") or {}, deployment.get("model_info") or {})
    return group


def model_that_answered(answer: object, data: Mapping[str, Any]) -> str | None:
    """By the deployment that an answer or a chunk names, or else by LiteLLM's record of the call."""
    hidden = hidden_of(answer)
    router, model_id = _router(), hidden.get("model_id")
    if router is not None and model_id:
        deployment = router.get_deployment(model_id=str(model_id))
        if deployment is not None:
            return _name_of(deployment.litellm_params.model_dump(), deployment.model_info.model_dump())
    details = getattr(data.get("litellm_logging_obj"), "model_call_details", None) or {}
    provider, model = details.get("custom_llm_provider"), details.get("model")
    if not model:
        return None
    return str(model) if not provider or str(model).startswith(f"{provider}/") else f"{provider}/{model}"


def is_cached(answer: object, data: Mapping[str, Any]) -> bool:
    """Whether the answer is from LiteLLM's cache, so that no provider was called."""
    if hidden_of(answer).get("cache_hit") is True:
        return True
    details = getattr(data.get("litellm_logging_obj"), "model_call_details", None) or {}
    return details.get("cache_hit") is True


def _name_of(parameters: Mapping[str, Any], info: Mapping[str, Any]) -> str:
    """`base_model` names what an Azure deployment, whose own name says nothing, serves."""
    model, provider = str(parameters.get("model", "")), parameters.get("custom_llm_provider")
    base = info.get("base_model") or parameters.get("base_model")
    if base:
        prefix = provider or model.partition("/")[0]
        return str(base) if "/" in str(base) or "/" not in model else f"{prefix}/{base}"
    return model if not provider or model.startswith(f"{provider}/") else f"{provider}/{model}"


def _router() -> Any:
    # The proxy makes its router after it has loaded its plug-ins.
    from litellm.proxy import proxy_server

    return getattr(proxy_server, "llm_router", None)
