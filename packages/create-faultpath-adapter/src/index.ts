export { CreateError, type CreateErrorCode, createAdapter } from './create.ts';
export { main } from './main.ts';
export { adapterSource, type TemplateFile, templateFiles } from './template.ts';
