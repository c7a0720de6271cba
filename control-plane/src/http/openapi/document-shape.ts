/** What the page reads of a JSON schema. */
export interface DocumentSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, DocumentSchema>;
  required?: string[];
  items?: DocumentSchema;
  additionalProperties?: DocumentSchema | boolean;
  enum?: unknown[];
  const?: unknown;
  anyOf?: DocumentSchema[];
  oneOf?: DocumentSchema[];
  allOf?: DocumentSchema[];
  default?: unknown;
  format?: string;
}

interface Content {
  content?: Record<string, { schema?: DocumentSchema }>;
  description?: string;
}

/** One method of one address. */
export interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema?: DocumentSchema;
  }[];
  requestBody?: Content;
  responses: Record<string, Content>;
}

/** What the page reads of the OpenAPI document. */
export interface ApiDocument {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, DocumentSchema> };
}
