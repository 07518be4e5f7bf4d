CREATE TABLE `t` (
  `d` datetime DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci
/*!50100 PARTITION BY HASH (((year(`d`) * 100) + month(`d`)))
PARTITIONS 4 */