CREATE TABLE `t` (
  `id` int DEFAULT NULL,
  `j` json DEFAULT NULL,
  `x` int GENERATED ALWAYS AS (json_value(`j`, _utf8mb4'$.a' returning decimal(10, 2) default 1.5 on empty)) VIRTUAL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci