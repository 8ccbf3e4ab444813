import { Box, Text } from "ink";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import type { Rect } from "../layout.ts";
import type { Line } from "../spans.ts";
import { useRuntime } from "./runtime.ts";

/** Lines in a rectangle: one text per row, keyed by its place, every cell filled. */
export function Rows(props: { readonly rect: Rect; readonly lines: readonly Line[] }): ReactNode {
  const theme = useStore(useRuntime().store, (store) => store.theme);
  const { rect, lines } = props;
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
