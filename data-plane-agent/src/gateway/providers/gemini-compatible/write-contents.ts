import type { InputPart, OutputPart, ToolCallPart } from '../../chat/chat-content.ts';
import type { AssistantMessage, ChatMessage, SystemMessage, ToolMessage } from '../../chat/chat-request.ts';
import { wrapCustomInput } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import {
  continuesAnswers,
  type GeminiHost,
  isThirdGeneration,
  takesInstructions,
  wantsSignatures,
} from './gemini-host.ts';
import { writeToolName } from './tool-names.ts';
import { writeMedia } from './write-media.ts';

/**
 * Stands where Gemini 3 wants a signature that the history does not have, as with calls of another model.
 *
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** Numbers are doubles there: one with more digits than they hold is rounded, or none at all. */
const MANY_DIGITS = /\d{16}|\d[eE]\+?\d{3}/;

function keepsNumbers(value: unknown): boolean {
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return typeof value !== 'object' || value === null || Object.values(value).every(keepsNumbers);
}

/** Google refuses a chat without words, and Vertex AI a text without any: this one says as much. */
const SILENCE = { text: ' ' };

function isEmptyText(part: InputPart | OutputPart): boolean {
  return part.type === 'text' && part.text === '';
}

function saysNothing(parts: readonly (InputPart | OutputPart)[]): boolean {
  return parts.length > 0 && parts.every(isEmptyText);
}

/** What Gemini 3 takes inside of a tool's result; the rest stands behind it. */
const IN_RESULTS = new Set(['image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain']);

function typeOf({ inlineData, fileData }: JsonObject): string {
  const media = isObject(inlineData) ? inlineData : fileData;
  return isObject(media) ? String(media.mimeType) : '';
}

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: unknown[];
}

/** Writes `systemInstruction` and `contents`. */
export function writeMessages(
  messages: readonly ChatMessage[],
  model: string,
  { callIds }: Pick<GeminiHost, 'callIds'>,
  dropped: DroppedFields,
): JsonObject {
  const writer = new ContentWriter(model, callIds, dropped);
  messages.forEach((message, index) => {
    writer.add(message, `messages[${index}]`);
  });
  return writer.finish();
}

class ContentWriter {
  private readonly thirdGeneration: boolean;
  private readonly signs: boolean;
  private readonly instructs: boolean;
  private readonly continues: boolean;
  private readonly callIds: boolean;
  private readonly dropped: DroppedFields;
  private readonly system: unknown[] = [];
  private readonly contents: Content[] = [];
  private count = 0;
  /** Names by id of the calls so far; the latest call of an id counts. */
  private readonly names = new Map<string, string>();
  /** Ids of the last turn's calls, in order. */
  private calls: readonly string[] = [];
  /** Results that wait for the run of them to end, since they have to stand in the order of their calls. */
  private results: { readonly id: string; readonly part: JsonObject; readonly media: unknown[] }[] = [];

  constructor(model: string, callIds: boolean, dropped: DroppedFields) {
    this.callIds = callIds;
    this.thirdGeneration = isThirdGeneration(model);
    this.signs = wantsSignatures(model);
    this.instructs = takesInstructions(model);
    this.continues = continuesAnswers(model);
    this.dropped = dropped;
  }

  add(message: ChatMessage, path: string): void {
    this.count++;
    if (message.role !== 'tool') this.endResults();
    switch (message.role) {
      case 'other': {
        const original = this.dropped.keepOriginal(message.original, path);
        if (isObject(original) && Array.isArray(original.parts)) {
          this.push(original.role === 'model' ? 'model' : 'user', original.parts);
        }
        return;
      }
      case 'tool':
        return this.addResult(message, path);
      case 'assistant':
        return this.addAssistant(message, path);
      case 'user':
        this.dropName(message.name, path);
        this.push('user', this.writeInput(message.content, path));
        this.dropped.keepExtra(message.extra, path);
        return;
      default:
        return this.addSystem(message, path);
    }
  }

  finish(): JsonObject {
    this.endResults();
    if (this.contents.length === 0 && this.system.length > 0) {
      this.dropped.add(`messages[${this.count}].turn`);
      this.push('user', [SILENCE]);
    }
    if (this.contents.at(-1)?.role === 'model' && !this.continues) {
      this.dropped.add(`messages[${this.count - 1}].turn`);
      this.push('user', [SILENCE]);
    }
    return {
      ...(this.system.length > 0 && { systemInstruction: { parts: this.system } }),
      contents: this.contents,
    };
  }

  /**
   * Instructions in the midst of a chat, or to a model that takes none, have no place of their own: they stay where they are,
   * as words of the user.
   */
  private addSystem(message: SystemMessage, path: string): void {
    this.dropName(message.name, path);
    this.dropped.keepExtra(message.extra, path);
    const parts = this.writeInput(message.content, path);
    if (this.instructs && this.contents.length === 0) {
      this.system.push(...parts);
      return;
    }
    this.dropped.add(`${path}.role`);
    this.push('user', parts);
  }

  private addAssistant(message: AssistantMessage, path: string): void {
    this.dropName(message.name, path);
    this.dropped.keepExtra(message.extra, path);
    const calls = message.content.filter((part) => part.type === 'tool_call');
    const ids = calls.map(({ id }) => id);
    // Messages of the model in a row are one turn, whose results come together.
    if (this.contents.at(-1)?.role === 'model') this.calls = [...this.calls, ...ids];
    else if (ids.length > 0) this.calls = ids;
    for (const call of calls) this.names.set(call.id, writeToolName(call));
    this.push('model', this.writeOutput(message.content, path));
  }

  private addResult(message: ToolMessage, path: string): void {
    const { toolCallId: id } = message;
    if (message.cache) this.dropped.add(`${path}.cache_control`);
    const texts: string[] = [];
    const within: JsonObject[] = [];
    const behind: JsonObject[] = [];
    message.content.forEach((part, index) => {
      const inside = `${path}.content[${index}]`;
      if (part.type === 'text') {
        this.dropTextMarks(part, inside);
        texts.push(part.text);
      } else {
        const written = this.writeInputPart(part, inside);
        if (!isObject(written)) return;
        if (this.thirdGeneration && IN_RESULTS.has(typeOf(written))) within.push(written);
        else {
          behind.push(written);
          this.dropped.add(`${inside}.tool_call_id`);
        }
      }
    });
    const name = this.names.get(id);
    if (name === undefined) this.dropped.add(`${path}.tool_call_id`);
    const said = texts.length === 1 ? texts[0] : texts;
    const part = {
      functionResponse: {
        ...(this.callIds && id !== '' && { id }),
        name: name ?? writeToolName({ name: id === '' ? 'tool' : id }),
        response: { [message.isError ? 'error' : 'output']: texts.length === 0 ? '' : said },
        ...(within.length > 0 && { parts: within }),
        ...this.dropped.keepExtra(message.extra, path),
      },
    };
    this.results.push({ id, part, media: behind });
  }

  private endResults(): void {
    if (this.results.length === 0) return;
    const place = ({ id }: { id: string }) => {
      const at = this.calls.indexOf(id);
      return at === -1 ? this.calls.length : at;
    };
    const sorted = [...this.results].sort((one, other) => place(one) - place(other));
    this.results = [];
    this.push('user', [...sorted.map(({ part }) => part), ...sorted.flatMap(({ media }) => media)]);
  }

  private push(role: 'user' | 'model', parts: readonly unknown[]): void {
    if (parts.length === 0) return;
    const last = this.contents.at(-1);
    // The user speaks first: a call at the beginning is refused, and so is an answer alone.
    if (last === undefined && role === 'model') {
      this.dropped.add(`messages[${this.count - 1}].turn`);
      this.contents.push({ role: 'user', parts: [SILENCE] });
    }
    if (last?.role === role) last.parts.push(...parts);
    else this.contents.push({ role, parts: [...parts] });
  }

  private writeInput(parts: readonly InputPart[], path: string): unknown[] {
    const written = parts.flatMap((part, index) => {
      const one = this.writeInputPart(part, `${path}.content[${index}]`);
      return one === undefined || isEmptyText(part) ? [] : [one];
    });
    return saysNothing(parts) ? [SILENCE] : written;
  }

  private writeInputPart(part: InputPart, path: string): unknown {
    if (part.type === 'other') return this.dropped.keepOriginal(part.original, path);
    if (part.type !== 'text') return writeMedia(part, path, this.dropped);
    this.dropTextMarks(part, path);
    return { text: part.text, ...this.dropped.keepExtra(part.extra, path) };
  }

  /** A reasoning part without text holds the signature of the part behind it, or of an empty one at the end. */
  private writeOutput(parts: readonly OutputPart[], path: string): unknown[] {
    const written: unknown[] = [];
    const signed = parts.some((part) => part.type === 'tool_call' && part.signature !== undefined);
    let needsMark = this.signs && !signed;
    let waiting: string | undefined;
    parts.forEach((part, index) => {
      const inside = `${path}.content[${index}]`;
      if (part.type === 'reasoning') {
        if (part.encrypted) this.dropped.add(`${inside}.encrypted`);
        this.dropped.keepExtra(part.extra, inside);
        const signature = part.signature?.value;
        if (part.text !== '') {
          written.push({
            text: part.text,
            thought: true,
            ...(signature !== undefined && { thoughtSignature: signature }),
          });
        } else if (signature !== undefined) {
          if (waiting !== undefined) written.push({ text: '', thoughtSignature: waiting });
          waiting = signature;
        }
        return;
      }
      if (part.type === 'text' && isEmptyText(part)) {
        this.writeSaid(part, inside);
        return;
      }
      let own: string | undefined;
      if (part.type === 'tool_call') {
        own = part.signature?.value;
        if (own === undefined && waiting === undefined && needsMark) {
          own = NO_SIGNATURE;
          this.dropped.add(`${inside}.signature`);
        }
        needsMark = false;
      }
      const one = part.type === 'tool_call' ? this.writeCall(part, inside) : this.writeSaid(part, inside);
      if (!isObject(one)) return;
      if (own !== undefined && waiting !== undefined) {
        written.push({ text: '', thoughtSignature: waiting });
        waiting = undefined;
      }
      const signature = own ?? waiting;
      waiting = undefined;
      written.push(signature === undefined ? one : { ...one, thoughtSignature: signature });
    });
    if (waiting !== undefined) written.push({ text: '', thoughtSignature: waiting });
    return saysNothing(parts) ? [SILENCE] : written;
  }

  private writeSaid(part: Exclude<OutputPart, { type: 'reasoning' | 'tool_call' }>, path: string): unknown {
    if (part.type !== 'refusal') return this.writeInputPart(part, path);
    this.dropped.add(`${path}.refusal`);
    return { text: part.text };
  }

  private writeCall(part: ToolCallPart, path: string): JsonObject {
    if (part.cache) this.dropped.add(`${path}.cache_control`);
    const text = part.custom ? wrapCustomInput(part.arguments) : part.arguments;
    return {
      functionCall: {
        ...(this.callIds && part.id !== '' && { id: part.id }),
        name: writeToolName(part),
        args: this.writeArguments(text, path),
      },
      ...this.dropped.keepExtra(part.extra, path),
    };
  }

  private writeArguments(text: string, path: string): JsonObject {
    if (text.trim() === '') return {};
    try {
      const value: unknown = JSON.parse(text);
      if (isObject(value)) {
        if (MANY_DIGITS.test(text) && !keepsNumbers(value)) this.dropped.add(`${path}.arguments`);
        return value;
      }
    } catch {
      // Named below: what a model wrote wrongly is kept as the text that it is.
    }
    this.dropped.add(`${path}.arguments`);
    return { arguments: text };
  }

  private dropTextMarks(part: Extract<InputPart, { type: 'text' }>, path: string): void {
    if (part.cache) this.dropped.add(`${path}.cache_control`);
    if (part.citations && part.citations.length > 0) this.dropped.add(`${path}.citations`);
  }

  private dropName(name: string | undefined, path: string): void {
    if (name !== undefined) this.dropped.add(`${path}.name`);
  }
}
