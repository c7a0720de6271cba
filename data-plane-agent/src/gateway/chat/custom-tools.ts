import type { OutputPart } from './chat-content.ts';
import type { ChatEvent } from './chat-event.ts';
import type { ChatRequest, CustomTool, FunctionTool } from './chat-request.ts';
import { isObject } from './wire.ts';

/**
 * A tool that takes free text, for providers that know functions only: a function with the text as its one string.
 * `unwrapCustomInput` and `CustomCallUnwrapper` undo it in answers.
 */
export function asFunctionTool(tool: CustomTool): FunctionTool {
  return {
    type: 'function',
    name: tool.name,
    description: tool.description,
    namespace: tool.namespace,
    parameters: {
      type: 'object',
      properties: { input: { type: 'string' } },
      required: ['input'],
      additionalProperties: false,
    },
    extra: tool.extra,
  };
}

/** The arguments of such a function for a custom call's text. */
export function wrapCustomInput(text: string): string {
  return JSON.stringify({ input: text });
}

/** The text in such a function's arguments; the arguments themselves where a model did not keep to the form. */
export function unwrapCustomInput(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && typeof value.input === 'string' ? value.input : text;
  } catch {
    return text;
  }
}

/** Names of the tools that the client declared as custom ones. */
export function customToolNames(request: ChatRequest): ReadonlySet<string> {
  return new Set(request.tools.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])));
}

/** A whole answer's part with the call of a custom tool as the client declared it. */
export function restoreCustomCall(part: OutputPart, names: ReadonlySet<string>): OutputPart {
  if (part.type !== 'tool_call' || part.custom || !names.has(part.name)) return part;
  return { ...part, custom: true, arguments: unwrapCustomInput(part.arguments) };
}

/**
 * Does the same in a stream. The text of a wrapped call is held until its arguments are whole, since its escapes can only
 * be told then; everything else passes at once.
 */
export class CustomCallUnwrapper {
  private readonly names: ReadonlySet<string>;
  private readonly held = new Map<string, { choice: number; call: number; text: string }>();

  constructor(names: ReadonlySet<string>) {
    this.names = names;
  }

  take(event: ChatEvent): readonly ChatEvent[] {
    if (this.names.size === 0) return [event];
    switch (event.type) {
      case 'tool_call': {
        const before = this.release(event.choice);
        if (event.custom || !this.names.has(event.name)) return [...before, event];
        const { choice, call } = event;
        this.held.set(`${choice}.${call}`, { choice, call, text: '' });
        return [...before, { ...event, custom: true }];
      }
      case 'tool_arguments': {
        const held = this.held.get(`${event.choice}.${event.call}`);
        if (!held) return [event];
        held.text += event.text;
        return [];
      }
      default:
        // Whatever comes next for the choice, the call is whole.
        return this.held.size > 0 && 'choice' in event ? [...this.release(event.choice), event] : [event];
    }
  }

  private release(choice: number): ChatEvent[] {
    const events: ChatEvent[] = [];
    for (const [key, held] of this.held) {
      if (held.choice !== choice) continue;
      this.held.delete(key);
      const text = unwrapCustomInput(held.text);
      events.push({ type: 'tool_arguments', choice, call: held.call, text });
    }
    return events;
  }
}
