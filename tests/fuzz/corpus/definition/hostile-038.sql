CREATE TABLE `t` (
  `id` int
) ENGINE=Inno-DB