CREATE TABLE `t` (
  `id` int DEFAULT NULL,
  `b` binary(16) DEFAULT (uuid_to_bin(uuid()))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci