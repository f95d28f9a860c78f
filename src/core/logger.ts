/** Told what an operator should know: `console`, or whatever the application logs with. */
export interface Logger {
  /** Something is wrong that the library works around, such as a registry that is down. One line, without the time. */
  warn(message: string): void;
}
