import { Component, type ReactNode } from "react";
import { span, wrapText } from "../spans.ts";
import { Rows } from "./rows.tsx";
import { useRuntime } from "./runtime.ts";

/** Shown instead of the screen when drawing it failed; the console itself goes on. */
export function ErrorPane({ error }: { readonly error: Error }): ReactNode {
  const { size, handle } = useRuntime();
  const width = Math.max(1, size.columns - 4);
  const wrap = (text: string): readonly string[] => wrapText(text, width);
  const lines = [
    [],
    [span("  ✗ The screen could not be drawn. This is a bug.", "bad", true)],
    [],
    ...wrap(error.message).map((line) => [span(`  ${line}`)]),
    [],
    ...wrap(
      `Runs and workers are not affected. The log file is ${handle.store.getState().logFile}.`,
    ).map((line) => [span(`  ${line}`, "muted")]),
    [],
    [
      span("  enter ", "accent", true),
      span("try again     "),
      span("q ", "accent", true),
      span("quit"),
    ],
    [],
    ...(error.stack ?? "")
      .split("\n")
      .slice(1, 12)
      .map((line) => [span(`  ${line.trim()}`, "muted")]),
  ];
  return <Rows rect={{ x: 0, y: 0, width: size.columns, height: size.rows }} lines={lines} />;
}

interface BoundaryProps {
  readonly children: ReactNode;
  readonly onCrash: (error: Error) => void;
}

/** Catches what a component throws and tells it; draws nothing itself. */
export class ErrorBoundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false };

  /** React's way of asking for the next state after an error. */
  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: Error): void {
    this.props.onCrash(error);
  }

  override render(): ReactNode {
    return this.state.failed ? null : this.props.children;
  }
}
