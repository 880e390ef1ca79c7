"""The SOAP API: partner (`/services/Soap/u/NN.0`) and enterprise (`/services/Soap/c/NN.0`)."""
