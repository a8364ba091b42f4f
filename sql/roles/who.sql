-- As which role does this session act?
SELECT current_user::text
