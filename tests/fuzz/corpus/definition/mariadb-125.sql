CREATE TABLE `t` (
  `a` varchar(20) DEFAULT NULL,
  `b` varchar(40) GENERATED ALWAYS AS (concat_operator_oracle(`a`,'x')) VIRTUAL,
  `c` varchar(9) GENERATED ALWAYS AS (substr_oracle(`a`,1,2)) VIRTUAL,
  `d` varchar(9) GENERATED ALWAYS AS (trim_oracle(`a`)) VIRTUAL,
  `e` varchar(9) GENERATED ALWAYS AS (decode_oracle(`a`,1,2,3)) VIRTUAL,
  `f` varchar(9) GENERATED ALWAYS AS (lpad_oracle(`a`,3)) VIRTUAL,
  `g` varchar(9) GENERATED ALWAYS AS (replace_oracle(`a`,'x','y')) VIRTUAL
)