# Writes the data set lending_club of the CRAN package modeldata as CSV, in the package's row order. Made with Debian's
# r-cran-modeldata 1.1.0 and R, without the packages that modeldata itself asks for:
#   dpkg-deb -x r-cran-modeldata_1.1.0-1_all.deb deb && Rscript convert.R
lazyLoad("deb/usr/lib/R/site-library/modeldata/data/Rdata")
write.csv(lending_club, "lending_club.csv", row.names = FALSE, na = "", quote = FALSE, fileEncoding = "UTF-8")
