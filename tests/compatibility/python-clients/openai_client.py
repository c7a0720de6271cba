"""PyPI's openai against the gateway: python openai_client.py URL KEY ROW... A model is called ROW.SCENARIO."""

import asyncio
import json
import sys

import openai
from pydantic import BaseModel

from report import equal, holds, run_checks

url, key, *rows = sys.argv[1:]
client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
chat = client.chat.completions

PROMPT = "What is the weather?"
MESSAGES = [{"role": "user", "content": PROMPT}]
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
CHAT_TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}]
RESPONSES_TOOLS = [{"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": False}]


class Weather(BaseModel):
    city: str
    degrees: int


async def chat_whole_and_streamed(row):
    model = f"{row}.plain"
    whole = await chat.create(model=model, messages=MESSAGES)
    equal(whole.choices[0].finish_reason, "stop")
    stream = await chat.create(
        model=model, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    text, usage = "", None
    async for chunk in stream:
        usage = chunk.usage or usage
        text += "".join(choice.delta.content or "" for choice in chunk.choices)
    equal(text, whole.choices[0].message.content)
    equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens)
    holds(usage.completion_tokens > 0, "no figures")


async def chat_tools(row):
    model = f"{row}.tool"
    async with chat.stream(model=model, messages=MESSAGES, tools=CHAT_TOOLS) as stream:
        async for _ in stream:
            pass
        first = await stream.get_final_completion()
    equal(first.choices[0].finish_reason, "tool_calls")
    message = first.choices[0].message
    call = message.tool_calls[0]
    equal((call.function.name, json.loads(call.function.arguments)), ("get_weather", {"city": "sample"}))
    result = {"role": "tool", "tool_call_id": call.id, "content": "21 degrees"}
    turn = message.model_dump(exclude_none=True, exclude={"parsed"})
    for made in turn["tool_calls"]:
        made["function"].pop("parsed_arguments", None)
        made.pop("index", None)
    second = await chat.create(model=model, messages=[*MESSAGES, turn, result], tools=CHAT_TOOLS)
    holds(second.choices[0].message.content, "no answer to the tool's result")


async def chat_parse(row):
    parsed = await chat.parse(model=f"{row}.plain", messages=MESSAGES, response_format=Weather)
    equal(type(parsed.choices[0].message.parsed), Weather)
    async with chat.stream(model=f"{row}.plain", messages=MESSAGES, response_format=Weather) as stream:
        async for _ in stream:
            pass
        final = await stream.get_final_completion()
    equal(final.choices[0].message.parsed, parsed.choices[0].message.parsed)


async def responses_whole_and_streamed(row):
    model = f"{row}.plain"
    whole = await client.responses.create(model=model, input=PROMPT, store=False)
    equal(whole.status, "completed")
    async with client.responses.stream(model=model, input=PROMPT, store=False) as stream:
        text = "".join([event.delta async for event in stream if event.type == "response.output_text.delta"])
        final = await stream.get_final_response()
    equal(text, whole.output_text)
    equal(final.output_text, text)
    equal(final.usage.total_tokens, final.usage.input_tokens + final.usage.output_tokens)


async def responses_tools(row):
    common = {
        "model": f"{row}.think_tool",
        "tools": RESPONSES_TOOLS,
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    async with client.responses.stream(**common, input=MESSAGES) as stream:
        async for _ in stream:
            pass
        first = await stream.get_final_response()
    call = next(item for item in first.output if item.type == "function_call")
    equal(json.loads(call.arguments), {"city": "sample"})
    turn = [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees"}
    second = await client.responses.create(**common, input=[*MESSAGES, *turn, result])
    holds(second.output_text, "no answer to the tool's result")


async def responses_parse(row):
    parsed = await client.responses.parse(
        model=f"{row}.plain", input=PROMPT, text_format=Weather, store=False
    )
    equal(type(parsed.output_parsed), Weather)


async def errors(row):
    async def meets(kind, call):
        try:
            await call
        except kind as error:
            holds(error.message, "an error without words")
            return error
        raise AssertionError(f"no {kind.__name__}")

    limited = await meets(openai.RateLimitError, chat.create(model=f"{row}.status-429", messages=MESSAGES))
    equal(limited.status_code, 429)
    await meets(
        openai.RateLimitError,
        client.responses.create(model=f"{row}.status-429", input=PROMPT, store=False),
    )
    long = await meets(openai.BadRequestError, chat.create(model=f"{row}.window-1", messages=MESSAGES))
    equal(long.code, "context_length_exceeded")
    await meets(openai.NotFoundError, chat.create(model="nobody", messages=MESSAGES))


CHECKS = [
    chat_whole_and_streamed,
    chat_tools,
    chat_parse,
    responses_whole_and_streamed,
    responses_tools,
    responses_parse,
    errors,
]
asyncio.run(run_checks({check.__name__: check for check in CHECKS}, rows))
