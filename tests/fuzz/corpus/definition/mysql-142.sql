CREATE TABLE `t` (
  `id` int DEFAULT NULL,
  `j` json DEFAULT NULL,
  KEY `k` ((json_value(`j`, _utf8mb4'$.a' returning unsigned null on empty error on error)))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci