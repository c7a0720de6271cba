"""PyPI's anthropic against the gateway: python anthropic_client.py URL KEY ROW... A model is called ROW.SCENARIO."""

import asyncio
import sys

import anthropic
from pydantic import BaseModel

from report import equal, holds, run_checks

url, key, *rows = sys.argv[1:]
client = anthropic.AsyncAnthropic(base_url=url, api_key=key, max_retries=0)

MESSAGES = [{"role": "user", "content": "What is the weather?"}]
TOOLS = [
    {
        "name": "get_weather",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    }
]


class Weather(BaseModel):
    city: str
    degrees: int


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


async def whole_and_streamed(row):
    common = {"model": f"{row}.plain", "max_tokens": 1024, "messages": MESSAGES}
    whole = await client.messages.create(**common)
    equal(whole.stop_reason, "end_turn")
    async with client.messages.stream(**common) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        final = await stream.get_final_message()
    equal(text, text_of(whole))
    equal(text_of(final), text)
    holds(final.usage.output_tokens > 0, "no figures")


async def thinking_and_tools(row):
    common = {
        "model": f"{row}.think_tool",
        "max_tokens": 4096,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "tools": TOOLS,
    }
    async with client.messages.stream(**common, messages=MESSAGES) as stream:
        first = await stream.get_final_message()
    equal(first.stop_reason, "tool_use")
    holds(any(block.type == "thinking" for block in first.content), "no thinking")
    call = next(block for block in first.content if block.type == "tool_use")
    equal(call.input, {"city": "sample"})
    turn = {"role": "assistant", "content": first.content}
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "21 degrees"}
    answered = [*MESSAGES, turn, {"role": "user", "content": [result]}]
    holds(text_of(await client.messages.create(**common, messages=answered)), "no answer to the tool's result")


async def parse(row):
    common = {"model": f"{row}.plain", "max_tokens": 1024, "messages": MESSAGES}
    parsed = await client.messages.parse(**common, output_format=Weather)
    equal(type(parsed.parsed_output), Weather)


async def errors(row):
    async def meets(kind, model):
        try:
            await client.messages.create(model=model, max_tokens=64, messages=MESSAGES)
        except kind as error:
            return error.body["error"]
        raise AssertionError(f"no {kind.__name__}")

    equal((await meets(anthropic.RateLimitError, f"{row}.status-429"))["type"], "rate_limit_error")
    long = await meets(anthropic.BadRequestError, f"{row}.window-1")
    equal((long["type"], long["message"].startswith("prompt is too long")), ("invalid_request_error", True))
    equal((await meets(anthropic.NotFoundError, "nobody"))["type"], "not_found_error")


CHECKS = [whole_and_streamed, thinking_and_tools, parse, errors]
asyncio.run(run_checks({check.__name__: check for check in CHECKS}, rows))
