CREATE TABLE `t` (
  `id` int DEFAULT NULL,
  `b` varchar(40) DEFAULT NULL,
  CONSTRAINT `u56_chk_1` CHECK (regexp_like(`b`,_utf8mb4'a',_utf8mb4'c'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci