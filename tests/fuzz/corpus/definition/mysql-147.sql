CREATE TABLE `t` (
  `a` geomcollection DEFAULT NULL,
  `c` timestamp(6) NULL DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci