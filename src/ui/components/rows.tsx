import { Box, Text } from "ink";
import type { ReactNode } from "react";
import { useLayoutEffect, useRef } from "react";
import { useStore } from "zustand";
import type { Layer } from "../canvas.ts";
import type { Rect } from "../layout.ts";
import type { Line } from "../spans.ts";
import { useRuntime } from "./runtime.ts";

interface RowsProps {
  readonly rect: Rect;
  readonly lines: readonly Line[];
  /** What lies over the panes is on the upper level. */
  readonly level?: Layer["level"];
}

/** Lines in a rectangle, every cell filled: on the canvas, or where there is none in texts of Ink. */
export function Rows({ rect, lines, level = "lower" }: RowsProps): ReactNode {
  const { canvas, store } = useRuntime();
  const theme = useStore(store, (state) => state.theme);
  const owner = useRef({});
  useLayoutEffect(() => canvas?.put(owner.current, { rect, lines, level, theme }));
  useLayoutEffect(() => () => canvas?.remove(owner.current), [canvas]);
  if (canvas !== undefined) return null;
  const places = Array.from({ length: rect.height }, (_, index) => index);
  return (
    <Box
      position="absolute"
      marginLeft={rect.x}
      marginTop={rect.y}
      width={rect.width}
      height={rect.height}
      flexDirection="column"
      flexShrink={0}
    >
      {places.map((place) => (
        <Text key={place} wrap="truncate">
          {theme.paint(lines[place] ?? [], rect.width)}
        </Text>
      ))}
    </Box>
  );
}
