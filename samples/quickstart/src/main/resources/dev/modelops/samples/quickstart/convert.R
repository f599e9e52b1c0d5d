# Writes the data set credit_data of the CRAN package modeldata (Debian: r-cran-modeldata) as CSV, in the package's row order.
library(modeldata)
data(credit_data, package = "modeldata")
write.csv(credit_data, "credit_data.csv", row.names = FALSE, na = "", quote = TRUE, fileEncoding = "UTF-8")
