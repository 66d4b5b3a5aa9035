"""Shapes of marks: components, boxes, ellipses, quadrilaterals, widths."""
